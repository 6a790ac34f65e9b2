import { Anchor, type AnchorProps, Button, type ButtonProps } from '@mantine/core';
import { createLink, type LinkComponent } from '@tanstack/react-router';
import { type AnchorHTMLAttributes, forwardRef } from 'react';

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
export const Link: LinkComponent<typeof RoutedAnchor> = (props) => <RoutedAnchor preload={false} {...props} />;

/** A link within the console that looks like a button. */
export const LinkButton: LinkComponent<typeof RoutedButton> = (props) => <RoutedButton preload={false} {...props} />;
