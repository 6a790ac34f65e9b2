import { Button, Group, Table, Title } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useEffect, useId, useRef, useState } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatTick, formatTime } from '../components/format.ts';
import { type ColorToken, useColors } from './colors.ts';
import classes from './time-chart.module.css';

/** A line of a chart. */
export interface Series {
  readonly title: string;
  readonly color: ColorToken;
  readonly values: readonly (number | undefined)[];
}

/** An instant that matters, as a dashed line with words: a deployment. */
export interface Marker {
  readonly at: number;
  readonly title: string;
}

interface TimeChartProps {
  readonly title: string;
  /** Instants in epoch ms, ascending; each series has a value for each. */
  readonly at: readonly number[];
  readonly series: readonly Series[];
  readonly markers?: readonly Marker[];
  readonly format: (value: number) => string;
  /** True: the series lie on top of each other, as areas. */
  readonly isStacked?: boolean;
  /** Called with the stretch that was dragged over. */
  readonly onZoom?: (from: number, to: number) => void;
}

const HEIGHT = 170;
/** What a marker's words take, roughly. */
const LABEL_WIDTH = 150;

/** A chart over time: at most three series, values from zero up; the same as a table for those who cannot see it. */
export function TimeChart(props: TimeChartProps) {
  const [isTable, setTable] = useState(false);
  const id = useId();
  const color = useColors();
  return (
    <section className="surface" style={{ padding: 14 }} aria-labelledby={id}>
      <Group justify="space-between" gap="xs" mb="xs">
        <Title order={2} size="h3" id={id}>
          {props.title}
        </Title>
        <Group gap="sm">
          <div className={classes.legend}>
            {props.series.map((series) => (
              <span key={series.title}>
                <i style={{ background: color(series.color) }} aria-hidden="true" />
                {series.title}
              </span>
            ))}
          </div>
          <Button size="compact-xs" variant="default" aria-pressed={isTable} onClick={() => setTable(!isTable)}>
            {isTable ? 'Chart' : 'Table'}
          </Button>
        </Group>
      </Group>
      {isTable ? <AsTable {...props} /> : <AsCanvas {...props} />}
    </section>
  );
}

function AsCanvas({ title, at, series, markers = [], format, isStacked = false, onZoom }: TimeChartProps) {
  const { ref, width } = useElementSize();
  const place = useRef<HTMLDivElement>(null);
  const color = useColors();
  const zoom = useRef(onZoom);
  zoom.current = onZoom;
  useEffect(() => {
    if (place.current === null || width < 10) return;
    const drawn = isStacked ? stack(series) : series;
    const chart = new uPlot(
      {
        width,
        height: HEIGHT,
        legend: { show: false },
        cursor: { drag: { x: onZoom !== undefined, y: false, setScale: false }, points: { size: 6 } },
        scales: { x: { time: true }, y: { range: (_, __, max) => [0, Math.max(1, max * 1.1)] } },
        axes: [
          {
            stroke: color('--app-muted'),
            grid: { show: false },
            ticks: { show: false },
            font: '11px "Inter Variable"',
            size: 26,
            values: (_, splits) => splits.map((seconds) => formatTick(1000 * seconds, (at.at(-1) ?? 0) - (at[0] ?? 0))),
          },
          {
            stroke: color('--app-muted'),
            grid: { stroke: color('--app-border'), width: 1 },
            ticks: { show: false },
            font: '11px "Inter Variable"',
            size: 58,
            values: (_, splits) => splits.map((value) => format(value)),
          },
        ],
        series: [
          {},
          ...drawn.map((line) => ({
            label: line.title,
            stroke: color(line.color),
            width: 1.5,
            points: { show: false },
            ...(isStacked && { fill: `color-mix(in srgb, ${color(line.color)} 28%, transparent)` }),
          })),
        ],
        hooks: {
          setSelect: [
            (self) => {
              if (self.select.width < 8) return;
              const from = self.posToVal(self.select.left, 'x');
              const to = self.posToVal(self.select.left + self.select.width, 'x');
              zoom.current?.(Math.round(from * 1000), Math.round(to * 1000));
            },
          ],
          draw: [(self) => drawMarkers(self, markers, color('--app-muted'))],
        },
      },
      [at.map((instant) => instant / 1000), ...drawn.map((line) => line.values.map((value) => value ?? null))],
      place.current,
    );
    return () => chart.destroy();
  }, [width, at, series, markers, format, isStacked, color, onZoom]);
  return (
    <div
      ref={ref}
      className={classes.chart}
      role="img"
      aria-label={`${title}, as a chart. The button Table shows its numbers.`}
    >
      <div ref={place} style={{ minHeight: HEIGHT }} />
    </div>
  );
}

/** Each series on top of those before it, the topmost first: it is drawn first, and the others over it. */
function stack(series: readonly Series[]): Series[] {
  const sums: Series[] = [];
  for (const line of series) {
    const below = sums.at(-1)?.values;
    sums.push({ ...line, values: line.values.map((value, index) => (value ?? 0) + (below?.[index] ?? 0)) });
  }
  return sums.reverse();
}

function drawMarkers(chart: uPlot, markers: readonly Marker[], color: string): void {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.strokeStyle = color;
  ctx.fillStyle = color;
  ctx.setLineDash([4, 4]);
  ctx.font = `${11 * devicePixelRatio}px "Inter Variable"`;
  const seen = markers
    .map(({ at, title }) => ({ x: chart.valToPos(at / 1000, 'x', true), title }))
    .filter(({ x }) => x >= bbox.left && x <= bbox.left + bbox.width);
  for (const { x } of seen) {
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  for (const { x, title } of besideEachOther(seen)) {
    const isRight = x > bbox.left + bbox.width * 0.7;
    ctx.textAlign = isRight ? 'right' : 'left';
    ctx.fillText(title, x + (isRight ? -5 : 5) * devicePixelRatio, bbox.top + 11 * devicePixelRatio);
  }
  ctx.restore();
}

interface Label {
  readonly x: number;
  readonly title: string;
}

/** Markers that lie too close to be named one by one are named together. */
function besideEachOther(markers: readonly Label[]): Label[] {
  const groups: Label[][] = [];
  for (const marker of markers) {
    const last = groups.at(-1);
    const before = last?.at(-1);
    if (last !== undefined && before !== undefined && marker.x - before.x < LABEL_WIDTH * devicePixelRatio)
      last.push(marker);
    else groups.push([marker]);
  }
  return groups.flatMap((group) => {
    const first = group[0];
    if (first === undefined) return [];
    return group.length === 1 ? [first] : [{ x: first.x, title: `${group.length} changes of deployments` }];
  });
}

function AsTable({ title, at, series, format, markers = [] }: TimeChartProps) {
  const rows = at
    .map((instant, index) => ({ instant, values: series.map(({ values }) => values[index]) }))
    .filter(({ values }) => values.some((value) => (value ?? 0) > 0))
    .reverse();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a container that scrolls must be reachable by keyboard
    <section className={classes.table} aria-label={`${title}, as a table`} tabIndex={0}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Time</Table.Th>
            {series.map((line) => (
              <Table.Th key={line.title} ta="right">
                {line.title}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.length === 0 && (
            <Table.Tr>
              <Table.Td colSpan={series.length + 1}>Nothing in this stretch.</Table.Td>
            </Table.Tr>
          )}
          {rows.map(({ instant, values }) => (
            <Table.Tr key={instant}>
              <Table.Td className="num">{formatTime(instant)}</Table.Td>
              {values.map((value, index) => (
                <Table.Td key={series[index]?.title} ta="right" className="num">
                  {value === undefined ? '–' : format(value)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {markers.map((marker) => (
        <p key={`${marker.at} ${marker.title}`}>
          {formatTime(marker.at)}: {marker.title}
        </p>
      ))}
    </section>
  );
}
