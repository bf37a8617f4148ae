/** Settings of packs, kept under their ids among the user's settings on the server. */
import { getJson, postJson } from "../../api/client";
import { asObject, type Json } from "../../graph/json";

interface Setting {
  readonly id: string;
  readonly defaultValue?: unknown;
  readonly onChange?: (value: unknown, before?: unknown) => void;
}

export class ComfySettings {
  private values: Record<string, unknown> = {};
  private readonly known = new Map<string, Setting>();

  async load(): Promise<void> {
    this.values = { ...asObject(await getJson("settings")) };
  }

  get settingsValues(): Record<string, unknown> {
    return this.values;
  }

  addSetting(setting: Setting): { readonly value: unknown } {
    this.known.set(setting.id, setting);
    setting.onChange?.(this.getSettingValue(setting.id));
    const read = () => this.getSettingValue(setting.id);
    return {
      get value() {
        return read();
      },
    };
  }

  getSettingValue(id: string, otherwise?: unknown): unknown {
    return this.values[id] ?? this.known.get(id)?.defaultValue ?? otherwise;
  }

  setSettingValue(id: string, value: unknown): void {
    const before = this.getSettingValue(id);
    this.values = { ...this.values, [id]: value };
    this.known.get(id)?.onChange?.(value, before);
    void postJson(`settings/${encodeURIComponent(id)}`, value as Json);
  }

  async setSettingValueAsync(id: string, value: unknown): Promise<void> {
    this.setSettingValue(id, value);
  }
}
