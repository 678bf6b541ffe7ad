/** Changes of live entries that break the rules of break-before-make. */

import type { Row } from './classRow';

export const breakBeforeMakeClasses: readonly Row[] = [];
