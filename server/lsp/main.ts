/** The language server's program: `--stdio` for any editor, otherwise the channel to the process that started it. */

import './compilerFlags';
import { startServer } from './nodeServer';

startServer(process.argv.includes('--stdio') ? 'stdio' : 'ipc');
