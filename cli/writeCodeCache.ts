/** Runs the program on the arguments that are given, and writes the code cache of what it took to do so. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeCache, programScript } from './programScript';

const script = programScript(__dirname);
process.on('exit', () => writeFileSync(join(__dirname, codeCache), script.createCachedData()));
script.runInThisContext()(exports, require, module, __filename, __dirname);
