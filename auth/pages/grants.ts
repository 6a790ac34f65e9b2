import { type Html, html } from './html.ts';

/** One application that the owner allowed something. */
export interface GrantRow {
  readonly clientId: string;
  readonly projectId: string;
  readonly application: string;
  readonly scopes: readonly string[];
  /** Epoch ms. */
  readonly grantedAt: number;
}

/** What the page of an owner's grants shows. */
export interface GrantsView {
  readonly action: string;
  readonly signOut: string;
  readonly formToken: string;
  readonly owner: string;
  readonly rows: readonly GrantRow[];
  /** What was just done, in one sentence. */
  readonly notice: string | undefined;
}

/** The content of the page on which resource owners see what they allowed, and take it back. */
export function grantsContent(view: GrantsView): Html {
  return html`<p>You are signed in as ${view.owner}. <a href="${view.signOut}">Sign out</a></p>
${view.notice !== undefined && html`<p role="status"><strong>${view.notice}</strong></p>`}
${
  view.rows.length === 0
    ? html`<p>You have allowed no application anything.</p>`
    : html`<p>These applications may act on your behalf. Taking it back ends their access at once.</p>`
}
${view.rows.map(
  (row) => html`<section class="row" aria-label="${row.application}">
<div><h2>${row.application}</h2>
<p class="soft">Allowed on ${new Date(row.grantedAt).toISOString().slice(0, 10)}: ${row.scopes.length === 0 ? 'no particular scope' : row.scopes.join(', ')}</p></div>
<form method="post" action="${view.action}">
<input type="hidden" name="form_token" value="${view.formToken}">
<input type="hidden" name="client" value="${row.clientId}">
<input type="hidden" name="project" value="${row.projectId}">
<button class="small" aria-label="Take back from ${row.application}">Take back</button>
</form></section>`,
)}`;
}
