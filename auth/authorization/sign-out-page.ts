import { html } from '../pages/html.ts';
import { signOutContent } from '../pages/sign-out.ts';
import { checkFormToken, formTokenOf } from './form-token.ts';
import { type PageType, pageUrl, showPage } from './place.ts';
import { endSession, findSession } from './session.ts';

const PATH = '/sign-out';
const PURPOSE = 'sign-out';

/** Ends the session of this browser. Asks first, so that no link of another site signs people out. */
export const signOutPage: PageType = {
  path: PATH,

  async get(visit, place) {
    const session = await findSession(visit.cookie, place.services, place.rules);
    if (session === undefined || visit.cookie === undefined)
      return showPage(
        { status: 200, heading: 'Signed out', content: html`<p>Nobody is signed in in this browser.</p>` },
        place,
      );
    const content = signOutContent({
      action: pageUrl(place, PATH),
      formToken: formTokenOf(visit.cookie, PURPOSE),
      owner: session.displayName === '' ? session.username : session.displayName,
    });
    return showPage({ status: 200, heading: 'Sign out?', content }, place);
  },

  async post(visit, place) {
    const { cookie = '', form } = visit;
    checkFormToken(form.get('form_token'), cookie, PURPOSE);
    await endSession(cookie, place.services);
    const content = html`<p>You can close this page.</p>`;
    return showPage({ status: 200, heading: 'Signed out', content }, place, place.cookie.remove());
  },
};
