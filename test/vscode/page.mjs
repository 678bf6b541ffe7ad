export async function drivePage() {
  return { passed: 0, failed: 0 };
}
