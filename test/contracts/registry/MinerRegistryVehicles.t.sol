// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Vehicles: one device each, and none left behind when a device is rotated or retired.

import {IMinerRegistry as I} from "../../../contracts/registry/IMinerRegistry.sol";
import {EnrolmentBase} from "../support/EnrolmentBase.t.sol";

contract MinerRegistryVehiclesTest is EnrolmentBase {
    function setUp() public override {
        super.setUp();
        _enrol(_enrolment());
        vm.prank(OWNER);
        miners.pair(device, "car");
    }

    function test_a_vehicle_has_one_device() public {
        address second = _enrolKey(OTHER_KEY);
        vm.prank(OWNER);
        vm.expectRevert(abi.encodeWithSelector(I.VehiclePaired.selector, bytes32("car"), device));
        miners.pair(second, "car");
        _eq("still the first", miners.deviceOf(OWNER, "car"), device);
        _eq("second", miners.deviceInfo(second).vehicle, bytes32(0));
        vm.prank(OWNER);
        miners.unpair(device);
        vm.prank(OWNER);
        miners.pair(second, "car");
        _eq("now the second", miners.deviceOf(OWNER, "car"), second);
    }

    function test_rotation_takes_the_vehicle_along() public {
        I.Rotation memory r = _rotation();
        bytes32 digest = _digest(r);
        bytes memory byMaker = _sign(MAKER_KEY, digest);
        bytes memory byNew = _sign(OTHER_KEY, digest);
        vm.prank(OWNER);
        miners.rotate(r, byMaker, byNew);
        _eq("old key", miners.deviceInfo(device).vehicle, bytes32(0));
        _eq("new key", miners.deviceInfo(r.newDevice).vehicle, "car");
        _eq("vehicle", miners.deviceOf(OWNER, "car"), r.newDevice);
        // The new key is paired in full: it can be unpaired, and then the vehicle is free.
        vm.expectEmit();
        emit I.DeviceUnpaired(r.newDevice, OWNER, "car");
        vm.prank(OWNER);
        miners.unpair(r.newDevice);
        _eq("free", miners.deviceOf(OWNER, "car"), address(0));
    }

    function test_a_retired_device_frees_its_vehicle() public {
        vm.expectEmit();
        emit I.DeviceUnpaired(device, OWNER, "car");
        vm.expectEmit();
        emit I.DeviceRetired(device, "stolen");
        vm.prank(OWNER);
        miners.retire(device, "stolen");
        _eq("vehicle", miners.deviceInfo(device).vehicle, bytes32(0));
        _eq("free", miners.deviceOf(OWNER, "car"), address(0));
        address second = _enrolKey(OTHER_KEY);
        vm.prank(OWNER);
        miners.pair(second, "car");
        _eq("the next one's", miners.deviceOf(OWNER, "car"), second);
    }
}
