/** Runs a program on the arguments that are given, and writes the code cache of what it took to do so. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeCacheOf, programOf, programScript } from './programScript';

const program = programOf(process.argv[2]);
const script = programScript(__dirname, program);
process.on('exit', () => writeFileSync(join(__dirname, codeCacheOf(program)), script.createCachedData()));
script.runInThisContext()(exports, require, module, __filename, __dirname);
