/** `hvo check` by itself: a program that has nothing of the other verbs begins sooner. */

import { run } from './check';
import { serveCheckWorker } from './checkWorker';
import { printsPlainly } from './printable';
import { start } from './start';

void start(([, ...args], io) => run(args, printsPlainly(io)), serveCheckWorker);
