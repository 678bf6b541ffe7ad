export function codeOfOutcome(outcome: string): string {
  return outcome;
}
