import { type Html, html } from './html.ts';

/** The content of the page that asks whether to sign out. */
export function signOutContent(view: {
  readonly action: string;
  readonly formToken: string;
  readonly owner: string;
}): Html {
  return html`<p>You are signed in as ${view.owner}.</p>
<form method="post" action="${view.action}">
<input type="hidden" name="form_token" value="${view.formToken}">
<button class="first">Sign out</button>
</form>`;
}
