import { type FileReport, worst } from '../../server/verdict/report';
import { summaryOf } from './summary';

/** One document; its shape is in docs/cli.md, and `version` changes when it does. */
export function jsonText(files: readonly FileReport[]): string {
  const verdict = worst(files.map((file) => file.verdict));
  return `${JSON.stringify({ version: 1, verdict, summary: summaryOf(files), files }, undefined, 2)}\n`;
}
