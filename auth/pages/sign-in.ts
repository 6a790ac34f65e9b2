import type { OwnerDirectory } from '#core/resource-owner';
import { type Html, html } from './html.ts';

/** What the sign-in page shows. */
export interface SignInView {
  /** Address that the form is sent to. */
  readonly action: string;
  readonly interaction: string;
  readonly formToken: string;
  /** Display name of the application that asks; undefined: people come for themselves. */
  readonly application: string | undefined;
  /** Directories whose names and passwords are checked here, in the order of the settings. */
  readonly passwordDirectories: readonly OwnerDirectory[];
  /** Providers that people are sent to, each with the address that does it. */
  readonly providers: readonly { readonly displayName: string; readonly href: string }[];
  /** Name that was typed before. */
  readonly username: string;
  readonly directory: string | undefined;
  /** What went wrong, in one sentence. */
  readonly problem: string | undefined;
}

/** The content of the sign-in page. */
export function signInContent(view: SignInView): Html {
  return html`${view.application !== undefined && html`<p>to go on to <strong>${view.application}</strong></p>`}
${view.problem !== undefined && html`<p class="problem" role="alert" id="problem">${view.problem}</p>`}
${view.passwordDirectories.length > 0 && passwordForm(view)}
${view.providers.map(({ displayName, href }) => html`<a class="button" href="${href}">Sign in with ${displayName}</a>`)}`;
}

function passwordForm(view: SignInView): Html {
  const { passwordDirectories: directories } = view;
  const isWrong = view.problem !== undefined && html` aria-describedby="problem"`;
  return html`<form method="post" action="${view.action}">
<input type="hidden" name="interaction" value="${view.interaction}">
<input type="hidden" name="form_token" value="${view.formToken}">
${
  directories.length === 1
    ? html`<input type="hidden" name="directory" value="${directories[0]?.name}">`
    : html`<label for="directory">Account of</label>
<select id="directory" name="directory">${directories.map(
        ({ name, displayName }) =>
          html`<option value="${name}"${name === view.directory && html` selected`}>${displayName}</option>`,
      )}</select>`
}
<label for="username">User name</label>
<input id="username" name="username" value="${view.username}" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="256" required${isWrong}${view.username === '' && html` autofocus`}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="1024" required${isWrong}${view.username !== '' && html` autofocus`}>
<button class="first">Sign in</button>
</form>`;
}
