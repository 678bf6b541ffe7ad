import type { Diagnostic } from '../../server/language/diagnostic';
import { lineAt } from '../../server/language/lines';
import { resolveNames } from '../../server/language/names';
import type { Source } from '../../server/language/names/symbol';
import { type ParsedFile, parse } from '../../server/language/parse';
import { usedFiles } from '../../server/language/used';

export interface Checked {
  readonly parsed: ParsedFile;
  readonly diagnostics: readonly Diagnostic[];
}

/** Everything that parser and names say of a text, with what other texts declare. */
export function checkText(text: string, library: readonly Source[] = []): Checked {
  const parsed = parse(text);
  const main = { uri: 'file:///main.hvo', parsed };
  const used = usedFiles(main, () => undefined);
  const names = resolveNames(main, { used: used.sources, library });
  const diagnostics = [...parsed.diagnostics, ...used.diagnostics, ...names.diagnostics];
  return { parsed, diagnostics: diagnostics.sort((a, b) => a.span.start - b.span.start) };
}

interface Mark {
  readonly code: string;
  /** 0-based line that the mark speaks about. */
  readonly line: number;
  /** Columns; undefined when only the line is marked. */
  readonly columns?: readonly [number, number];
}

/** `// ^^^ HVO030` below a line marks a place in it, `// <- HVO011` or `// HVO006` the line only. */
export function marksOf(text: string): readonly Mark[] {
  const marks: Mark[] = [];
  let line = -1;
  text.split('\n').forEach((content, index) => {
    const match = /^(?:\/\/)?\s*(?:(\^+)|<-)?\s*(HVO\d{3})$/.exec(content);
    if (match === null) {
      line = index;
      return;
    }
    const at = content.indexOf('^');
    const columns = match[1] === undefined ? {} : { columns: [at, at + match[1].length] as const };
    marks.push({ code: match[2] ?? '', line, ...columns });
  });
  return marks;
}

/** Each diagnostic as `line:from-to code`, for comparison with the marks. */
export function placesOf({ parsed, diagnostics }: Checked): readonly string[] {
  return diagnostics.map(({ code, span }) => {
    const line = lineAt(parsed.lines, span.start);
    const start = parsed.lines[line] ?? 0;
    return `${line}:${span.start - start}-${Math.max(span.end, span.start + 1) - start} ${code}`;
  });
}
