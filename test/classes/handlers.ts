/** Defects of the fault path and of the hook in it. */

import type { Row } from './classRow';

export const handlerClasses: readonly Row[] = [];
