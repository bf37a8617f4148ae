export const { ComfyWidgets, addValueControlWidget, addValueControlWidgets, updateControlWidgetLabel } = globalThis.comfyAPI.widgets;
