/** Architecture extensions that change what a translation table walk does. */
export interface CpuFeatures {
  /**
   * Physical address size of the CPU (ID_AA64MMFR0_EL1.PARange), in bits: 32 to 52. With 52 (FEAT_LPA) the 64K granule
   * has level 1 blocks and takes output address bits 51:48 from descriptor bits 15:12.
   */
  readonly physicalAddressBits: number;
  /** FEAT_LVA: 52-bit virtual addresses, with the 64K granule or TCR.DS. */
  readonly largeVirtualAddress: boolean;
  /** FEAT_LPA2: TCR.DS has an effect for the 4K and 16K granules. */
  readonly largePhysicalAddress2: boolean;
  /** FEAT_HAFDBS: TCR.HA (and HD) have an effect. */
  readonly hardwareAccessFlag: boolean;
  /** Whether a block with the nT bit raises a Translation fault; the architecture leaves it to the implementation. */
  readonly noTranslationFaults: boolean;
}

/** A CPU with every extension that is modelled. */
export const largestCpu: CpuFeatures = {
  physicalAddressBits: 52,
  largeVirtualAddress: true,
  largePhysicalAddress2: true,
  hardwareAccessFlag: true,
  noTranslationFaults: false,
};
