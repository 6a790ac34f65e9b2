import type { Operation } from '../operation.ts';
import type { People } from '../people/services.ts';
import { auditOperations } from './audit.ts';
import { clientOperations } from './client.ts';
import { consumerKeyOperations } from './consumer-key.ts';
import { deploymentOperations } from './deployment.ts';
import { directoryOperations } from './directory.ts';
import { endpointOperations } from './endpoint.ts';
import { gatewayOperations } from './gateway.ts';
import { groupVariableOperations } from './group-variable.ts';
import { identityProviderOperations } from './identity-provider.ts';
import { importOperations } from './import.ts';
import { joinTokenOperations } from './join-token.ts';
import { managementKeyOperations } from './management-key.ts';
import { masterKeyOperations } from './master-key.ts';
import { metaOperations } from './meta.ts';
import { metricsOperations } from './metrics.ts';
import { overviewOperations } from './overview.ts';
import { ownerConsentOperations } from './owner-consent.ts';
import { ownerStandingOperations } from './owner-standing.ts';
import { policyOperations } from './policy.ts';
import { policyChainOperations } from './policy-chain.ts';
import { policyProfileOperations } from './policy-profile.ts';
import { policyTypeOperations } from './policy-type.ts';
import { productOperations } from './product.ts';
import { projectOperations } from './project.ts';
import { requestOperations } from './request.ts';
import { resourceOperations } from './resource.ts';
import { resourceOwnerOperations } from './resource-owner.ts';
import { searchOperations } from './search.ts';
import { serverGroupOperations } from './server-group.ts';
import { sessionOperations } from './session.ts';
import { settingsOperations } from './settings.ts';
import { setupOperations } from './setup.ts';
import { signingKeyOperations } from './signing-key.ts';
import { statusOperations } from './status.ts';
import { subscriptionOperations } from './subscription.ts';
import { subscriptionStateOperations } from './subscription-state.ts';
import { targetOperations } from './target.ts';
import { tokenStoreOperations } from './token-store.ts';
import { tryOperations } from './try.ts';
import { userOperations } from './user.ts';
import { versionOperations } from './version.ts';

/** Every operation of the management API, in the order of its documentation. */
export function listOperations(deps: {
  readonly people: People;
  describeApi(): Promise<Record<string, unknown>>;
}): readonly Operation[] {
  return [
    ...statusOperations,
    ...overviewOperations,
    ...searchOperations,
    ...projectOperations,
    ...policyOperations,
    ...policyProfileOperations,
    ...policyChainOperations,
    ...resourceOperations,
    ...endpointOperations,
    ...targetOperations,
    ...importOperations,
    ...versionOperations,
    ...deploymentOperations,
    ...serverGroupOperations,
    ...groupVariableOperations,
    ...joinTokenOperations,
    ...gatewayOperations,
    ...productOperations,
    ...clientOperations,
    ...subscriptionOperations,
    ...subscriptionStateOperations,
    ...consumerKeyOperations,
    ...requestOperations,
    ...metricsOperations,
    ...tryOperations,
    ...policyTypeOperations,
    ...auditOperations,
    ...managementKeyOperations,
    ...masterKeyOperations,
    ...signingKeyOperations,
    ...sessionOperations(deps.people),
    ...userOperations(deps.people),
    ...identityProviderOperations(deps.people),
    ...directoryOperations,
    ...tokenStoreOperations,
    ...resourceOwnerOperations,
    ...ownerStandingOperations,
    ...ownerConsentOperations,
    ...settingsOperations,
    ...setupOperations(deps.people),
    ...metaOperations(deps.describeApi),
  ];
}
