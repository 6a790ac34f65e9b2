import { type Html, html } from './html.ts';

/** The page on which people type the code that their device shows (RFC 8628 §3.3). */
export interface DeviceCodeView {
  readonly action: string;
  readonly signOut: string;
  readonly formToken: string;
  readonly owner: string;
  /** What stands in the field at first. */
  readonly typed: string;
  /** What was wrong with the code before, or what was just decided. */
  readonly problem: string | undefined;
}

/** The content of the page with the field for the code. */
export function deviceCodeContent(view: DeviceCodeView): Html {
  return html`${
    view.problem !== undefined &&
    html`<p role="alert" id="problem" class="problem"><strong>${view.problem}</strong></p>`
  }
<p>Type the code that your device shows.</p>
<form method="post" action="${view.action}">
<input type="hidden" name="form_token" value="${view.formToken}">
<label for="user_code">Code</label>
<input id="user_code" name="user_code" value="${view.typed}" required maxlength="24" autocomplete="off" autocapitalize="characters" spellcheck="false" autofocus${view.problem !== undefined && html` aria-describedby="problem" aria-invalid="true"`}>
<button class="first">Continue</button>
</form>
<p class="soft">You are signed in as ${view.owner}. <a href="${view.signOut}">Sign out</a></p>`;
}

/** The page that asks whether the device may. */
export interface DeviceConsentView {
  readonly action: string;
  readonly formToken: string;
  readonly owner: string;
  readonly application: string;
  readonly userCode: string;
  readonly scopes: readonly string[];
}

/**
 * The content of the page that asks the owner. It repeats the code, and says what to look out for: whoever was sent a link by somebody else
 * would let that person's device in (RFC 8628 §5.4).
 */
export function deviceConsentContent(view: DeviceConsentView): Html {
  return html`<p>A device with <strong>${view.application}</strong> asks for access on your behalf.</p>
<p>Go on only if it is in front of you and shows this code: <strong>${view.userCode}</strong></p>
${
  view.scopes.length > 0
    ? html`<h2 id="scopes">It would be allowed</h2>
<ul aria-labelledby="scopes">${view.scopes.map((scope) => html`<li>${scope}</li>`)}</ul>`
    : html`<p>It asks for no particular scope.</p>`
}
<form method="post" action="${view.action}">
<input type="hidden" name="form_token" value="${view.formToken}">
<input type="hidden" name="user_code" value="${view.userCode}">
<button class="first" name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</form>
<p class="soft">You are signed in as ${view.owner}.</p>`;
}

/** The content of the page after the decision. */
export function deviceDoneContent(isAllowed: boolean): Html {
  return isAllowed
    ? html`<p role="status">Your device is connected. You can close this page and go back to it.</p>`
    : html`<p role="status">Nothing was allowed. You can close this page.</p>`;
}
