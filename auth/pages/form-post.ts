import { type Html, html } from './html.ts';

/**
 * The content of the page that carries an answer to the client by POST (OAuth 2.0 Form Post Response Mode §2). The specification sends it by
 * script; there is none on our pages, so people press the button.
 */
export function formPostContent(
  redirectUri: string,
  parameters: readonly (readonly [string, string])[],
  application: string,
): Html {
  return html`<p>Everything is done here.</p>
<form method="post" action="${redirectUri}">
${parameters.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">\n`)}<button class="first" autofocus>Go on to ${application}</button>
</form>`;
}
