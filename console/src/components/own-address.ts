/** An address that stays in this console; one that leads elsewhere, in any spelling, or is a program becomes the dashboard's. */
export function ownAddress(address: string): string {
  try {
    // As the browser reads it: `//`, `/\` and a tab between the slashes name hosts.
    return new URL(address, location.origin).origin === location.origin ? address : '/';
  } catch {
    return '/';
  }
}
