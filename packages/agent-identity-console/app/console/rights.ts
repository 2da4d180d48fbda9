import type { CallingAdministrator } from 'agent-identity-authority-core/admin-wire';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';

/** What the role of the user may do: the pages offer nothing else (docs/authority.md, "Administrators and their roles"). */
export interface Rights {
  /** Admit, suspend, resume and revoke. */
  readonly mayOperate: boolean;
  readonly mayChangeKeys: boolean;
  /** Read what concerns all accounts: the audit log and the metrics. */
  readonly maySeeAll: boolean;
}

export const RightsContext = createContext<Rights>({
  mayOperate: false,
  mayChangeKeys: false,
  maySeeAll: false,
});

/** Returns what the user may do. */
export function useRights(): Rights {
  return useContext(RightsContext);
}

/** Derives what an administrator may do. The authority decides: it refuses everything else anyway. */
export function rightsOf({ role, account_ids }: CallingAdministrator): Rights {
  const maySeeAll = account_ids === null;
  return { mayOperate: role !== 'viewer', mayChangeKeys: role === 'administrator' && maySeeAll, maySeeAll };
}
