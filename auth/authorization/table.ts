import { consentPage } from './consent-page.ts';
import { devicePage } from './device-page.ts';
import { externalPage } from './external.ts';
import { grantsPage } from './grants-page.ts';
import type { PageType } from './place.ts';
import { signInPage } from './sign-in.ts';
import { signOutPage } from './sign-out-page.ts';

/** The pages below an authorization end point. A new one: its file, and its line here. */
export const PAGES: readonly PageType[] = [signInPage, externalPage, consentPage, devicePage, grantsPage, signOutPage];
