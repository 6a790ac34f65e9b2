import { Burger, Drawer } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { AccountMenu } from './account-menu.tsx';
import { GatewayHealth } from './gateway-health.tsx';
import { HelpMenu } from './help-menu.tsx';
import { Mark } from './mark.tsx';
import { Navigation } from './navigation.tsx';
import { Notices } from './notices.tsx';
import { SchemeSwitch } from './scheme-switch.tsx';
import { Search } from './search.tsx';
import { SessionEnded } from './session-ended.tsx';
import classes from './shell.module.css';
import { TeamName } from './team-name.tsx';

/** The frame around every screen behind sign-in. */
export function Shell() {
  const [isMenuOpen, menu] = useDisclosure(false);
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  // Another screen: reading begins at its top, as after a full page load.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is about the path having changed
  useEffect(() => {
    if (isFirst.current) isFirst.current = false;
    else if (!main.current?.contains(document.activeElement)) main.current?.focus({ preventScroll: true });
  }, [pathname]);
  return (
    <>
      <a className={classes.skip} href="#main">
        Skip to the content
      </a>
      <header className={classes.header}>
        <Burger
          className={classes.menuButton ?? ''}
          size="sm"
          opened={isMenuOpen}
          onClick={menu.toggle}
          aria-label={isMenuOpen ? 'Close the navigation' : 'Open the navigation'}
        />
        <Mark />
        <TeamName />
        <div className={classes.spring}>
          <Search />
        </div>
        <GatewayHealth />
        <Notices />
        <HelpMenu />
        <SchemeSwitch />
        <AccountMenu />
      </header>
      <div className={classes.frame}>
        <aside className={classes.side} aria-label="Navigation">
          <Navigation onNavigate={menu.close} />
        </aside>
        <main id="main" ref={main} tabIndex={-1} className={classes.main}>
          <Outlet />
        </main>
      </div>
      <Drawer opened={isMenuOpen} onClose={menu.close} size={260} title="Navigation" transitionProps={{ duration: 0 }}>
        <Navigation onNavigate={menu.close} />
      </Drawer>
      <SessionEnded />
    </>
  );
}
