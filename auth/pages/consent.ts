import { type Html, html } from './html.ts';

/** What the consent page shows. */
export interface ConsentView {
  readonly action: string;
  readonly interaction: string;
  readonly formToken: string;
  readonly application: string;
  /** Where the answer goes, as people read it: a host, or a scheme. */
  readonly returnsTo: string;
  /** True: anybody can claim to be this application (RFC 6749 §10.2). */
  readonly isPublic: boolean;
  readonly owner: string;
  readonly scopes: readonly string[];
  /** True: a policy decides what of the scopes the application gets, when it gets a token. */
  readonly isDecidedLater: boolean;
  readonly resources: readonly string[];
  /** Address at which another person signs in. */
  readonly otherAccount: string;
}

/** The content of the consent page. Allow and Deny are alike in reach: neither is the default of a key press elsewhere. */
export function consentContent(view: ConsentView): Html {
  return html`<p><strong>${view.application}</strong> asks for access on your behalf.</p>
${
  view.scopes.length > 0
    ? html`<h2 id="scopes">${view.isDecidedLater ? 'It asks for' : 'It would be allowed'}</h2>
<ul aria-labelledby="scopes">${view.scopes.map((scope) => html`<li>${scope}</li>`)}</ul>
${view.isDecidedLater && html`<p class="soft">It gets as much of this as the rules of the service allow at the time, and never more.</p>`}`
    : html`<p>It asks for no particular scope.</p>`
}
${
  view.resources.length > 0 &&
  html`<h2 id="resources">For use at</h2>
<ul aria-labelledby="resources">${view.resources.map((resource) => html`<li>${resource}</li>`)}</ul>`
}
<p>You go back to <strong>${view.returnsTo}</strong> afterwards.${
    view.isPublic && html` Others can use the name of this application: allow it only if you began there yourself.`
  }</p>
<form method="post" action="${view.action}">
<input type="hidden" name="interaction" value="${view.interaction}">
<input type="hidden" name="form_token" value="${view.formToken}">
<button class="first" name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</form>
<p class="soft">You are signed in as ${view.owner}. <a href="${view.otherAccount}">Use another account</a></p>`;
}
