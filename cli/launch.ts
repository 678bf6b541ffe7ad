/** Starts the command line. Everything that it can do is in the programs beside it. */

import { programOf, programScript } from './programScript';

const program = programOf(process.argv[2]);
programScript(__dirname, program).runInThisContext()(exports, require, module, __filename, __dirname);
