/** What is no text, or not in the one encoding that is read, told from what its bytes become when they are read as UTF-8. */

/** Characters at the beginning of a file that are looked at to tell whether it is text. */
const SAMPLE = 4096;

/** Bytes that no text has, or so many that are not UTF-8 that it is no mistake of one place. */
function isBinary(text: string): boolean {
  if (text.includes('\0')) return true;
  const sample = text.slice(0, SAMPLE);
  let strange = 0;
  for (let at = 0; at < sample.length; at++) {
    const unit = sample.charCodeAt(at);
    if (unit === 0xfffd || (unit < 32 && unit !== 9 && unit !== 10 && unit !== 12 && unit !== 13)) strange++;
  }
  return strange > 8 && strange * 16 > sample.length;
}

/** As the letters of most languages are in UTF-16, of either byte order. */
function isEverySecondNul(text: string): boolean {
  const nuls = Array.from(text.slice(0, 4), (one) => (one === '\0' ? '0' : 'x')).join('');
  return nuls === '0x0x' || nuls === 'x0x0';
}

const utf8 = 'UTF-8 is what is read';

/** Why a text cannot be read, as sentences that say what it seems to be and what to do; undefined: it is a text. */
export function whyNoText(text: string): string | undefined {
  if (!isBinary(text)) return undefined;
  if (isEverySecondNul(text.replace(/^\ufffd\ufffd/, '')))
    return `This is text in UTF-16, and ${utf8}: save it as UTF-8, or \`iconv -f UTF-16 -t UTF-8\`.`;
  if (text.startsWith('\u001f\ufffd\b')) return `This is compressed by gzip, and ${utf8}: \`gunzip\` it first.`;
  const at = text.indexOf('\0');
  if (at >= 0)
    return `This is no text: character ${at + 1} is NUL. It is a program or an archive, or text in another encoding; ${utf8}.`;
  return `This is no text in UTF-8: much of its beginning is no character. It is in another encoding, or no text at all; ${utf8}.`;
}
