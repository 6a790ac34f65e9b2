import { X509Certificate } from 'node:crypto';
import type { Clock } from '#core/clock';
import type { Logger } from '#core/logger';
import type { ManagerLink } from '../manager-link.ts';
import { requestCertificate } from './certificate-request.ts';
import { post } from './join.ts';
import type { Membership } from './membership.ts';

/** Timers do not go further than 24 days, and clocks may be set. */
const LONGEST_WAIT_MS = 3_600_000;
const SHORTEST_WAIT_MS = 1_000;

/** What renewing needs. */
export interface RenewalDeps {
  readonly link: ManagerLink;
  readonly clock: Clock;
  readonly logger: Logger;
  membership(): Membership;
  /** The new key and certificate: to be on disk when it returns, and shown from then on. */
  keep(membership: Membership): void;
}

/** When a certificate is to be renewed: at two thirds of its life. */
function renewalDueAt({ certificateAt, certificateEndsAt }: Membership): number {
  return certificateAt + ((certificateEndsAt - certificateAt) * 2) / 3;
}

/** Renews the certificate by itself, each time with a new key; what fails is tried again. @returns stops */
export function startRenewal(deps: RenewalDeps): () => void {
  const { clock, logger } = deps;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  const plan = (waitMs: number): void => {
    if (!isClosed) timer = setTimeout(look, Math.min(LONGEST_WAIT_MS, Math.max(SHORTEST_WAIT_MS, waitMs))).unref();
  };
  const look = (): void => {
    const membership = deps.membership();
    if (membership.isRemoved === true) return;
    const waitMs = renewalDueAt(membership) - clock.now();
    if (waitMs > 0) {
      plan(waitMs);
      return;
    }
    renew(deps).then(
      () => plan(0),
      (error: unknown) => {
        logger.warn(
          { err: error, endsAt: membership.certificateEndsAt },
          "The gateway's certificate could not be renewed; it is tried again",
        );
        plan((membership.certificateEndsAt - clock.now()) / 10);
      },
    );
  };
  look();
  return () => {
    isClosed = true;
    clearTimeout(timer);
  };
}

async function renew({ link, clock, logger, membership, keep }: RenewalDeps): Promise<void> {
  const { key, request } = await requestCertificate();
  const { certificate } = await post(link, '/internal/v1/renew', { certificateRequest: request });
  if (typeof certificate !== 'string') throw new Error("The manager's answer to the renewal is not understood.");
  const certificateEndsAt = new X509Certificate(certificate).validToDate.getTime();
  keep({ ...membership(), key, certificate, certificateAt: clock.now(), certificateEndsAt });
  logger.info({ certificateEndsAt }, "The gateway's certificate was renewed");
}
