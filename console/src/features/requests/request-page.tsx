import { Text } from '@mantine/core';
import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { Why } from '#core/model/exchange-record';
import { api, path } from '../../api/client.ts';
import { ApiProblem } from '../../api/problem.ts';
import { Link, LinkButton } from '../../components/link.tsx';
import { Lines, Loaded } from '../../components/loaded.tsx';
import { Page } from '../../components/page.tsx';
import { Empty } from '../../components/states.tsx';
import { Surface } from '../../components/surface.tsx';
import { WhyView } from './why-view.tsx';

/** A gateway tells of a call within 2 s; whoever pastes an id sooner waits for it here, in all as long as this. */
const ASK_AGAIN_MS = 300;
const ASK_AGAIN_TIMES = 10;
const REQUEST_ID = /^req_[0-9A-HJKMNP-TV-Z]+$/;

/** One request: why it ended as it did. */
export function RequestPage() {
  const { request = '' } = useParams({ strict: false }) as { readonly request?: string };
  const result = useWhy(request);
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
          <Empty
            title="Nobody told of this request"
            actions={
              <LinkButton variant="default" to="/requests">
                Open the request log
              </LinkButton>
            }
          >
            {error.message}
          </Empty>
        </div>
      </Page>
    );
  return (
    <Page title={titleOf(result.data)} crumbs={crumbs}>
      <Loaded result={result} what="the request" skeleton={<Waiting isLate={result.failureCount > 0} />}>
        {(why) => <WhyView why={why} />}
      </Loaded>
    </Page>
  );
}

function useWhy(request: string): UseQueryResult<Why> {
  return useQuery<Why>({
    queryKey: ['/requests/why', request],
    queryFn: ({ signal }) => api.get<Why>(path`/requests/${request}/why`, undefined, signal),
    retry: (failures, error) =>
      !(error instanceof ApiProblem)
        ? failures < 2
        : error.status === 404 && REQUEST_ID.test(request) && failures < ASK_AGAIN_TIMES,
    retryDelay: ASK_AGAIN_MS,
  });
}

function Waiting({ isLate }: { readonly isLate: boolean }) {
  return (
    <Surface>
      {isLate && (
        <Text size="sm" mb="sm" role="status">
          Waiting for its gateway to tell of it: that takes up to 2 s.
        </Text>
      )}
      <Lines count={6} />
    </Surface>
  );
}

function titleOf(why: Why | undefined): string {
  if (why === undefined) return 'Request';
  return why.status >= 400 ? `Why ${why.status}?` : `Answered ${why.status}`;
}
