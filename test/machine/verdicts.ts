import { check } from '../check';

/** The verdict of each scenario of a text; where one is not ok, what is wrong with it. */
export function verdicts(text: string): readonly string[] {
  const { scenarios, diagnostics } = check(text);
  return scenarios.map((one) => {
    if (one.verdict === 'ok') return 'ok';
    const claims = one.claims.filter((claim) => claim.holds !== 'yes').map((claim) => `${claim.text}: ${claim.why}`);
    const findings = one.findings.filter((finding) => finding.severity === 'error').map((finding) => finding.message);
    const errors = one.verdict === 'error' ? diagnostics.map((problem) => problem.message) : [];
    return [`${one.name} ${one.verdict}`, ...claims, ...findings, ...errors].join('\n');
  });
}
