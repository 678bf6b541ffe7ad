/** Words of C's types and storage classes, which people paste and which mean nothing here. */

const typeWords: ReadonlySet<string> = new Set(
  (
    'unsigned signed long int short char void bool volatile struct static inline extern register ' +
    'u8 u16 u32 u64 s8 s16 s32 s64 size_t phys_addr_t pte_t pmd_t pud_t p4d_t pgd_t pteval_t pmdval_t pgprot_t'
  ).split(' '),
);

export const isTypeWord = (word: string): boolean => typeWords.has(word);
