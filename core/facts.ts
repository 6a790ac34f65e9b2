/** What a policy may say of an exchange in the trace: short, bounded, never a token, secret or body. */
export type Facts = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
