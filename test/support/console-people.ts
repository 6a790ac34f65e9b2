import type { Browser } from 'playwright-core';
import { ADMIN, type Console, openConsole, signIn } from './browser.ts';
import type { System } from './system.ts';

const PASSWORD = 'a calm sea and prosperous voyage';

/** Makes a person with one role over the API, and signs them in in a window of their own. */
export async function openAs(
  browser: Browser,
  system: System,
  role: 'admin' | 'designer' | 'releaser' | 'apps-manager' | 'operator' | 'viewer',
  viewport?: { readonly width: number; readonly height: number },
): Promise<Console> {
  const person = role === 'admin' ? ADMIN : { name: role, password: PASSWORD };
  await system.must('POST', '/users', { ...person, roles: [{ role }] });
  const console = await openConsole(browser, system, viewport);
  await signIn(console.page, person);
  return console;
}
