import { ProgressLocation, window } from 'vscode';
import type {
  CompareParams,
  ExploreParams,
  Method,
  PageTablesParams,
  Progress,
  Report,
  RunParams,
} from '../server/lsp/protocol';
import type { Parts } from './commands';

/** The methods that answer with a report, and that a user may wait for. */
type ReportMethod = typeof Method.run | typeof Method.explore | typeof Method.pageTables | typeof Method.compare;

type ReportParams = RunParams | ExploreParams | PageTablesParams | CompareParams;

/** Asks the server for a report, with progress and a button that cancels, and shows it or says why there is none. */
export async function requestReport(
  { server, log, progress: progressOfServer, reports }: Parts,
  method: ReportMethod,
  title: string,
  params: ReportParams,
): Promise<void> {
  try {
    const report = await window.withProgress(
      { location: ProgressLocation.Notification, title, cancellable: true },
      async (progress, token) => {
        const subscription = progressOfServer((now) => {
          const about = 'scenario' in params ? '' : `${now.scenario}: `;
          if (isProgressOf(now, params)) progress.report({ message: `${about}${now.text}` });
        });
        try {
          return await server.request<Report>(method, params, token);
        } finally {
          subscription.dispose();
        }
      },
    );
    await reports.show(report);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log.error(`${method}: ${reason}`);
    void window.showErrorMessage(`${title}: ${reason}`);
  }
}

function isProgressOf(now: Progress, params: ReportParams): boolean {
  if (params.uri !== now.uri) return false;
  return !('scenario' in params) || params.scenario === undefined || params.scenario === now.scenario;
}
