import { Anchor, type AnchorProps, Button, type ButtonProps } from '@mantine/core';
import { createLink, type LinkComponent } from '@tanstack/react-router';
import { type AnchorHTMLAttributes, forwardRef } from 'react';
import { ownAddress } from './own-address.ts';

type AnchorElementProps = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof AnchorProps>;

const RoutedAnchor = createLink(
  forwardRef<HTMLAnchorElement, AnchorProps & AnchorElementProps>(function RoutedAnchor(props, ref) {
    return <Anchor ref={ref} size="sm" {...props} />;
  }),
);

const RoutedButton = createLink(
  forwardRef<HTMLAnchorElement, ButtonProps & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof ButtonProps>>(
    function RoutedButton(props, ref) {
      return <Button component="a" ref={ref} {...props} />;
    },
  ),
);

/** A link within the console. */
export const Link: LinkComponent<typeof RoutedAnchor> = (props) => <RoutedAnchor preload={false} {...inside(props)} />;

/** A link within the console that looks like a button. */
export const LinkButton: LinkComponent<typeof RoutedButton> = (props) => (
  <RoutedButton preload={false} {...inside(props)} />
);

/** The router takes an address of another host for a link out; none of ours is. */
function inside<Props extends object>(props: Props): Props {
  return 'to' in props && typeof props.to === 'string' ? { ...props, to: ownAddress(props.to) } : props;
}
