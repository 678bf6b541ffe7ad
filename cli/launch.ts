/** Starts the command line. Everything that it can do is in the program beside it. */

import { programScript } from './programScript';

programScript(__dirname).runInThisContext()(exports, require, module, __filename, __dirname);
