/**
 * The language server's program: `--stdio` for any editor, otherwise the channel to the process that started it. On
 * another thread of it, its worker.
 */

import './compilerFlags';
import { isMainThread } from 'node:worker_threads';
import { runExplorer } from './explorer';
import { startServer } from './nodeServer';

if (!isMainThread) runExplorer();
else startServer(process.argv.includes('--stdio') ? 'stdio' : 'ipc');
