protocols![
    arp,
    modbus,
];
