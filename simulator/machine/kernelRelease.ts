/** A Linux release, such as v6.7. Behaviour is told apart by comparison, so that any release can be named. */
export type KernelRelease = `v${number}.${number}`;

/** Parses `v6.7`, `6.7` or `v6.7.12`; undefined when it is no release. */
export function parseRelease(text: string): KernelRelease | undefined {
  const match = /^v?(\d{1,3})\.(\d{1,3})(?:\.\d{1,4})?$/.exec(text);
  return match === null ? undefined : `v${Number(match[1])}.${Number(match[2])}`;
}

/** Whether a release is the same as or newer than another. */
export function releaseAtLeast(release: KernelRelease, oldest: KernelRelease): boolean {
  const [major, minor] = parts(release);
  const [oldestMajor, oldestMinor] = parts(oldest);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

function parts(release: KernelRelease): readonly [number, number] {
  const [major, minor] = release.slice(1).split('.');
  return [Number(major), Number(minor)];
}
