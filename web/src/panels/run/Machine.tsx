/** The device that computes and its memory; asked for rarely, and only while the page is seen. */
import { useEffect, useState } from "react";
import { getJson } from "../../api/client";
import { asList, asNumber, asObject, asText } from "../../graph/json";
import { t } from "../../words";
import { amount } from "./times";

const EVERY = 20_000;

interface Device {
  readonly name: string;
  readonly total: number;
  readonly free: number;
}

export function Machine() {
  const device = useDevice();
  if (!device) return null;
  const used = Math.max(0, device.total - device.free);
  const words = { device: device.name, used: amount(used), total: amount(device.total) };
  return (
    <div className="machine" role="img" aria-label={t("machine.label", words)} title={t("machine.label", words)}>
      <span>{device.name}</span>
      <span className="machine-bar">
        <span style={{ transform: `scaleX(${device.total > 0 ? used / device.total : 0})` }} />
      </span>
      <span className="quiet">{t("machine.memory", words)}</span>
    </div>
  );
}

function useDevice(): Device | undefined {
  const [device, setDevice] = useState<Device>();
  useEffect(() => {
    let over = false;
    const look = async () => {
      if (document.hidden) return;
      // The page says already when the server is out of reach.
      const found = await getJson("system_stats").catch(() => undefined);
      if (!over && found !== undefined) setDevice(readDevice(found));
    };
    void look();
    const timer = setInterval(look, EVERY);
    document.addEventListener("visibilitychange", look);
    return () => {
      over = true;
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, []);
  return device;
}

function readDevice(stats: unknown): Device | undefined {
  const [first] = asList(asObject(stats).devices);
  if (first === undefined) return undefined;
  const { name, vram_total, vram_free } = asObject(first);
  return { name: deviceName(asText(name)), total: asNumber(vram_total), free: asNumber(vram_free) };
}

/** `cuda:0 NVIDIA GeForce RTX 4090 : cudaMallocAsync` is known as `NVIDIA GeForce RTX 4090`. */
function deviceName(name: string): string {
  const told = name.replace(/^\w+:\d+\s+/, "").replace(/\s+:\s+\w+$/, "");
  return told.length <= 4 ? told.toUpperCase() : told;
}
