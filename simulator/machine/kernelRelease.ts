/** A Linux release, such as v6.7. Behaviour is told apart by comparison, so that any release can be named. */
export type KernelRelease = `v${number}.${number}`;

/** Parses `v6.7`, `6.7` or `v6.7.12`; undefined when it is no release. */
export function parseRelease(text: string): KernelRelease | undefined {
  const match = /^v?(\d{1,3})\.(\d{1,3})(?:\.\d{1,4})?$/.exec(text);
  return match === null ? undefined : `v${Number(match[1])}.${Number(match[2])}`;
}

/** Whether a release is the same as or newer than another. It is asked very often. */
export function releaseAtLeast(release: KernelRelease, oldest: KernelRelease): boolean {
  return rank(release) >= rank(oldest);
}

/** Younger releases have a larger one; both parts have three digits at most. */
function rank(release: KernelRelease): number {
  let major = 0;
  let part = 0;
  for (let i = 1; i < release.length; i++) {
    const unit = release.charCodeAt(i);
    if (unit === 46) [major, part] = [part, 0];
    else part = part * 10 + unit - 48;
  }
  return major * 1000 + part;
}
