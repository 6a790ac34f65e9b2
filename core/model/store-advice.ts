/** What to do about problems of token stores, by words that engines and the ways to them use. Without Zod: the console uses it too. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED|connection refused/i, 'Nothing listens there. Start it, or correct host and port.'],
  [/ENOTFOUND|EAI_AGAIN|getaddrinfo/i, 'Its name is not known here. Correct it, or let the DNS know it.'],
  [
    /WRONGPASS|NOAUTH|NOPERM|invalid password|authentication failed|authentication required|bad credentials|no password/i,
    'Set the password that the engine asks for, and check the user.',
  ],
  [
    /certificate|self.signed|\bTLS\b|\bSSL\b/i,
    'Turn TLS on or off as the engine has it, and give the certificates that its own leads to.',
  ],
  [/ENOSPC|disk is full|no space/i, 'Free space on its disk.'],
  [/EACCES|EROFS|permission denied|readonly/i, 'Let its user write there.'],
  [
    /did not answer|timed? ?out|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|unreachable/i,
    'Look whether it runs, whether a firewall stands between, and whether TLS is the same on both sides.',
  ],
];

/** What to do about a problem of a token store, in one or two sentences. */
export function adviceOn(problem: string): string {
  return (
    ADVICE.find(([words]) => words.test(problem))?.[1] ?? "Correct its settings, or look into the engine's own log."
  );
}
