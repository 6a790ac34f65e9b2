import { wrongValue } from '../http/validation.ts';

/** What is tried first, of those that are long enough. */
const COMMON = [
  ...['123456789012', '1234567890123', '12345678901234', '123456123456', '111111111111', '000000000000'],
  ...['passwordpassword', 'password1234', 'password12345', 'password123456', 'password2026', 'administrator'],
  ...[
    'administrator1',
    'qwertyuiop12',
    'qwertyuiop123',
    'qwertyuiopasdf',
    'qwertyqwerty',
    '1q2w3e4r5t6y',
    '1qaz2wsx3edc',
  ],
  ...['abcdefghijkl', 'abcd12345678', 'iloveyou1234', 'letmeinletmein', 'changemechangeme', 'adminadminadmin'],
  ...['correcthorsebatterystaple', 'gatewrightgatewright', 'welcome12345', 'welcomewelcome', 'trustno1trustno1'],
];

/**
 * Refuses passwords that are tried first (NIST SP 800-63B §3.1.1.2): common ones, the own name, one or two characters over and over.
 * @throws ProblemError `validation_failed`
 */
export function checkPassword(password: string, of: { readonly name: string }, pointer = '/password'): void {
  const plain = password.toLowerCase();
  const rest = plain.replaceAll(of.name.toLowerCase(), '').replace(/[^\p{L}]/gu, '');
  const isOwnName = plain.includes(of.name.toLowerCase()) && rest.length < 4;
  if (!COMMON.includes(plain) && !isOwnName && new Set(plain).size > 3) return;
  throw wrongValue(pointer, 'password_weak', 'This password is among the first that are tried. Choose another one.');
}
