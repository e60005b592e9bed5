detections![
    plc_stop,
];
