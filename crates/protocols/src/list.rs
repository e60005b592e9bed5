protocols![
    modbus,
];
