import { LinkButton } from './link.tsx';
import { Page } from './page.tsx';
import { Empty } from './states.tsx';

/** There is no such screen. */
export function NotFound() {
  return (
    <Page title="Not found">
      <Empty title="There is no such page" actions={<LinkButton to="/">Dashboard</LinkButton>}>
        The address may be mistyped, or what was here has been deleted.
      </Empty>
    </Page>
  );
}
