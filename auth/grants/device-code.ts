import { sha256Hex } from '#core/credential';
import { Refusal } from '#core/errors';
import { refuseGrant } from '../checks/grant-standing.ts';
import { requireParameter } from '../checks/required-parameter.ts';
import type { DeviceApproval, DeviceRequest, StoredDeviceRequest } from '../device/record.ts';
import { findDeviceRequest, replaceDeviceRequest } from '../device/record.ts';
import type { EndpointDeps } from '../endpoints/endpoint.ts';
import { type IssuedAnswer, issueNewGrant } from '../issue.ts';
import type { GrantHandler, GrantRequest } from './grant.ts';

const MAX_CODE_LENGTH = 512;
/** What `slow_down` adds to the interval (RFC 8628 §3.5). */
const SLOWER_MS = 5000;
/** A device that keeps its interval may be this much early: clocks and networks are not exact. */
const TOLERANCE_MS = 250;

/** The device authorization grant (RFC 8628 §3.4): the device asks until its owner has decided; the device code is good once. */
export const DEVICE_CODE: GrantHandler = {
  type: 'urn:ietf:params:oauth:grant-type:device_code',
  allowsPublicClients: true,
  issue: issueForDevice,
};

async function issueForDevice(request: GrantRequest, deps: EndpointDeps): Promise<IssuedAnswer> {
  const { store, clock } = deps.services;
  const { client, subscription } = request.client;
  const hash = sha256Hex(requireParameter(request.request, 'device_code', MAX_CODE_LENGTH));
  const now = clock.now();
  const stored = await findDeviceRequest(store, hash, now);
  if (stored === undefined) throw refuseGrant('device_unknown', client);
  const device = stored.request;
  if (device.clientId !== client.id || device.subscriptionId !== subscription.id)
    throw refuseGrant('other_client', client);
  if (device.projectId !== deps.context.project.id || device.serverGroupId !== deps.context.serverGroup.id)
    throw refuseGrant('other_issuer', client);
  const facts = { client: client.displayName, clientName: client.name };
  if (device.state === 'denied') throw new Refusal('oauth_access_denied', facts);
  if (device.state === 'pending' || device.approval === undefined) {
    if (now >= device.endsAt) throw new Refusal('oauth_device_expired', { ...facts, endedAt: device.endsAt });
    throw await waitLonger(stored, now, request, deps);
  }
  checkOwner(device.approval, request, deps);
  // Exactly one of several that ask at once gets the tokens; the record is gone then.
  const taken = await store.takeTransient('device', hash, now);
  if (taken === undefined) throw refuseGrant('device_unknown', client);
  return issueApproved(device, device.approval, request, deps);
}

/** Undecided: the answer says so, or to ask less often when the device did not wait as it was told. */
async function waitLonger(
  stored: StoredDeviceRequest,
  now: number,
  { client: { client } }: GrantRequest,
  { services: { store } }: EndpointDeps,
): Promise<Refusal> {
  const { request } = stored;
  const facts = { client: client.displayName, clientName: client.name };
  const sinceMs = request.polledAt === undefined ? Number.POSITIVE_INFINITY : now - request.polledAt;
  const isTooFast = sinceMs + TOLERANCE_MS < request.pollMs;
  const pollMs = isTooFast ? request.pollMs + SLOWER_MS : request.pollMs;
  // Changed meanwhile: the owner decided, and the next poll hears it.
  await replaceDeviceRequest(store, stored, { ...request, pollMs, polledAt: now });
  return isTooFast
    ? new Refusal('oauth_slow_down', { ...facts, sinceMs, pollMs })
    : new Refusal('oauth_device_pending', { ...facts, endsAt: request.endsAt });
}

/** Between the approval and this poll the owner may have lost their standing. */
function checkOwner(
  { subject, subjectGeneration }: DeviceApproval,
  { client: { client } }: GrantRequest,
  { services: { registry } }: EndpointDeps,
): void {
  const standing = registry.findSubject(subject);
  if (standing === undefined) return;
  if (!standing.active) throw refuseGrant('owner_disabled', client);
  if (standing.generation <= subjectGeneration) return;
  const { changedBy: by, changedAt: at, changedReason: reason } = standing;
  throw refuseGrant('revoked', client, { by, at, reason });
}

function issueApproved(
  device: DeviceRequest,
  approval: DeviceApproval,
  request: GrantRequest,
  deps: EndpointDeps,
): Promise<IssuedAnswer> {
  const { subject, subjectGeneration, scopes, username, authenticatedAt } = approval;
  return issueNewGrant(
    {
      owner: { subject, generation: subjectGeneration },
      granted: { scopes, scope: scopes.join(' ') },
      details: { username, authenticatedAt, audience: device.audience },
    },
    request,
    deps,
  );
}
