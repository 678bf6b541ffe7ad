/** The worker by itself. The build puts `explorerWorker.js` there instead, which is the server's bundle: most of both is the same. */

import { runExplorer } from './explorer';

runExplorer();
