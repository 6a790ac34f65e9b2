import { useParams } from '@tanstack/react-router';
import type { Why } from '#core/model/exchange-record';
import { path } from '../../api/client.ts';
import { ApiProblem } from '../../api/problem.ts';
import { Link } from '../../components/link.tsx';
import { Loaded, useApi } from '../../components/loaded.tsx';
import { Page } from '../../components/page.tsx';
import { Empty } from '../../components/states.tsx';
import { Surface } from '../../components/surface.tsx';
import { WhyView } from './why-view.tsx';

/** One request: why it ended as it did. */
export function RequestPage() {
  const { request = '' } = useParams({ strict: false }) as { readonly request?: string };
  const result = useApi<Why>(path`/requests/${request}/why`);
  const crumbs = [
    <Link key="requests" to="/requests">
      Request log
    </Link>,
  ];
  const { error } = result;
  if (error instanceof ApiProblem && error.status === 404)
    return (
      <Page title={`No request ${request}`} crumbs={crumbs}>
        <div className="surface">
          <Empty title={`No request ${request}`}>
            {error.message} Was it answered by this system? Look for the X-Request-Id header.
          </Empty>
        </div>
      </Page>
    );
  return (
    <Page title={titleOf(result.data)} crumbs={crumbs}>
      <div style={{ maxWidth: 760 }}>
        <Surface>
          <Loaded result={result} what="the request">
            {(why) => <WhyView why={why} />}
          </Loaded>
        </Surface>
      </div>
    </Page>
  );
}

function titleOf(why: Why | undefined): string {
  if (why === undefined) return 'Request';
  return why.status >= 400 ? `Why ${why.status}?` : `Answered ${why.status}`;
}
