/** Null, or what is wrong with an e-mail address; none is fine. */
export function checkEmail(value: string): string | null {
  const email = value.trim();
  return email === '' || /^\S+@\S+\.\S+$/.test(email) ? null : 'An address like anna@example.com, or nothing.';
}
