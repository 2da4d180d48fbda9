import type { CallingAdministrator } from 'agent-identity-authority-core/admin-wire';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Banner } from '../parts/banner.js';
import { texts } from '../texts.js';
import { AdmissionPage } from './admission/admission-page.js';
import { AgentPage } from './agents/agent-page.js';
import { AgentsPage } from './agents/agents-page.js';
import { type Api, createApi } from './api.js';
import { HealthPage } from './health/health-page.js';
import { KeysPage } from './keys/keys-page.js';
import { LogPage } from './log/log-page.js';
import { type Rights, RightsContext, rightsOf } from './rights.js';
import { linkTo, type Route, useRoute } from './routing.js';
import { SignIn } from './sign-in.js';

/** The console: asks for a token, and shows the pages of administrators. A reload forgets the token. */
export function ConsolePage(): JSX.Element {
  const [session, setSession] = useState<Session>();
  const [reason, setReason] = useState<string>();
  const route = useRoute();
  const end = (why: string | undefined) => {
    setSession(undefined);
    setReason(why);
  };
  const start = async (token: string) => {
    let isTried = false;
    const api = createApi({ token, onTokenRefused: () => isTried && end(texts.signIn.ended) });
    const me = await api.get<CallingAdministrator>('v1/admin/me');
    isTried = true;
    setReason(undefined);
    setSession({ api, me, rights: rightsOf(me) });
  };
  if (session === undefined) {
    return (
      <>
        <Banner>
          <InspectorLink />
        </Banner>
        <SignIn reason={reason} onToken={start} />
      </>
    );
  }
  return <SignedIn session={session} route={route} onSignOut={() => end(undefined)} />;
}

interface Session {
  readonly api: Api;
  readonly me: CallingAdministrator;
  readonly rights: Rights;
}

function SignedIn(props: {
  readonly session: Session;
  readonly route: Route;
  readonly onSignOut: () => void;
}): JSX.Element {
  const { session, route, onSignOut } = props;
  const { api, me, rights } = session;
  const offered = pages.filter(({ isForAll }) => !isForAll || rights.maySeeAll);
  return (
    <RightsContext.Provider value={rights}>
      <button type="button" class="skip" onClick={skipToContent}>
        {texts.skip}
      </button>
      <Banner>
        <nav aria-label={texts.navigation}>
          {offered.map(({ page, title }) => (
            <a key={page} href={linkTo(page)} aria-current={pageOf(route) === page ? 'page' : undefined}>
              {title}
            </a>
          ))}
          <InspectorLink />
        </nav>
        <span class="quiet">{texts.user(me.name, me.role)}</span>
        <button type="button" class="small" onClick={onSignOut}>
          {texts.signOut}
        </button>
      </Banner>
      <Content api={api} route={route} />
    </RightsContext.Provider>
  );
}

const pages = [
  { page: 'agents', title: texts.agents.title, isForAll: false },
  { page: 'admission', title: texts.admission.title, isForAll: false },
  { page: 'keys', title: texts.keys.title, isForAll: false },
  { page: 'log', title: texts.log.title, isForAll: true },
  { page: 'health', title: texts.health.title, isForAll: true },
] as const;

function pageOf({ page }: Route): string {
  return pages.find((known) => known.page === page)?.page ?? 'agents';
}

/** In a tab of its own: this one would forget the token. */
function InspectorLink(): JSX.Element {
  return (
    <a href="./inspector.html" target="_blank" rel="noopener">
      {texts.inspector.title}
    </a>
  );
}

function Content({ api, route }: { readonly api: Api; readonly route: Route }): JSX.Element {
  const ref = useRef<HTMLElement>(null);
  const page = pageOf(route);
  // Screen readers then read the new page.
  useEffect(() => {
    const heading = ref.current?.querySelector('h1');
    document.title = `${heading?.textContent ?? ''} · ${texts.product}`;
    ref.current?.focus();
  }, [page, route.id]);
  return (
    <main id="content" ref={ref} tabIndex={-1}>
      {page === 'agents' &&
        (route.id === undefined ? (
          <AgentsPage api={api} query={route.query} />
        ) : (
          <AgentPage key={route.id} api={api} agentRuntimeId={route.id} />
        ))}
      {page === 'admission' && <AdmissionPage api={api} />}
      {page === 'keys' && <KeysPage api={api} />}
      {page === 'log' && <LogPage api={api} query={route.query} />}
      {page === 'health' && <HealthPage api={api} />}
    </main>
  );
}

/** Not a link: the fragment is taken by the route. */
function skipToContent(): void {
  document.querySelector<HTMLElement>('#content')?.focus();
}
