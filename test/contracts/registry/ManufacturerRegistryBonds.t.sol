// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// A licence's bond to the last unit and the last second: who pays how much, when, and what is written down of it.

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IManufacturerRegistry as I} from "../../../contracts/registry/IManufacturerRegistry.sol";
import {RegistryBase} from "../support/RegistryBase.t.sol";

contract ManufacturerRegistryBondsTest is RegistryBase {
    uint96 private constant BOND = 1_000e18;
    uint96 private constant PART = 300e18;

    function setUp() public override {
        super.setUp();
        token.transfer(maker, 10 * BOND);
        vm.prank(maker);
        token.approve(address(manufacturers), type(uint256).max);
    }

    function test_an_owner_pays_the_whole_bond_once() public {
        uint256 id = _granted();
        vm.expectEmit();
        emit I.BondPosted(id, BOND, BOND);
        vm.expectEmit();
        emit I.LicenceActivated(id);
        vm.expectEmit();
        emit IERC20.Transfer(maker, address(manufacturers), BOND);
        vm.prank(maker);
        manufacturers.postBond(id);
        _eq("bond", manufacturers.licenceOf(id).bond, BOND);
        _eq("held", token.balanceOf(address(manufacturers)), BOND);
    }

    function test_after_a_slash_an_owner_pays_only_what_is_lacking() public {
        uint256 id = _active();
        manufacturers.slash(id, PART, "");
        vm.expectEmit();
        emit I.BondPosted(id, PART, BOND);
        vm.prank(maker);
        manufacturers.postBond(id);
        _eq("bond", manufacturers.licenceOf(id).bond, BOND);
        _eq("paid", token.balanceOf(maker), 9 * BOND - PART);
        _eq("held", token.balanceOf(address(manufacturers)), BOND);
        _eq("active", manufacturers.isActive(id), true);
    }

    function test_a_slash_goes_to_the_treasury_and_ends_the_licence_of_its_activity() public {
        uint256 id = _active();
        vm.expectEmit();
        emit I.BondSlashed(id, PART, BOND - PART, "sold devices with a known key");
        vm.expectEmit();
        emit IERC20.Transfer(address(manufacturers), TREASURY, PART);
        manufacturers.slash(id, PART, "sold devices with a known key");
        _eq("status", uint256(manufacturers.statusOf(id)), uint256(I.LicenceStatus.Granted));
        _eq("left", manufacturers.licenceOf(id).bond, BOND - PART);
    }

    function test_a_slash_of_a_single_unit_is_a_slash() public {
        uint256 id = _active();
        manufacturers.slash(id, 1, "");
        _eq("status", uint256(manufacturers.statusOf(id)), uint256(I.LicenceStatus.Granted));
        _eq("active", manufacturers.isActive(id), false);
    }

    function test_a_bond_can_be_slashed_whole_but_not_for_more_nor_for_nothing() public {
        uint256 id = _active();
        vm.expectRevert(abi.encodeWithSelector(I.BondAmountInvalid.selector, id, BOND + 1, BOND));
        manufacturers.slash(id, BOND + 1, "");
        vm.expectRevert(abi.encodeWithSelector(I.BondAmountInvalid.selector, id, 0, BOND));
        manufacturers.slash(id, 0, "");
        manufacturers.slash(id, BOND, "");
        _eq("left", manufacturers.licenceOf(id).bond, 0);
        _eq("treasury", token.balanceOf(TREASURY), BOND);
        vm.expectRevert(abi.encodeWithSelector(I.BondAmountInvalid.selector, id, 1, 0));
        manufacturers.slash(id, 1, "");
    }

    /// The other maker's bond lies in the same balance.
    function test_a_slash_never_reaches_the_bond_of_another_licence() public {
        uint256 id = _active();
        uint256 other = _active();
        manufacturers.slash(id, BOND, "");
        vm.expectRevert(abi.encodeWithSelector(I.BondAmountInvalid.selector, id, BOND, 0));
        manufacturers.slash(id, BOND, "");
        _eq("other", manufacturers.licenceOf(other).bond, BOND);
    }

    function test_a_bond_is_slashable_up_to_the_last_second_and_then_the_owners() public {
        uint256 id = _active();
        vm.expectEmit();
        emit I.LicenceExiting(id, uint40(START + 180 days));
        vm.prank(maker);
        manufacturers.exit(id);
        vm.warp(START + 180 days - 1);
        vm.expectRevert(abi.encodeWithSelector(I.BondLocked.selector, id, START + 180 days));
        manufacturers.withdrawBond(id);
        manufacturers.slash(id, PART, "");
        vm.warp(START + 180 days);
        vm.expectRevert(abi.encodeWithSelector(I.LicenceStatusRefused.selector, id, I.LicenceStatus.Exited));
        manufacturers.slash(id, PART, "");
        vm.expectEmit();
        emit I.BondWithdrawn(id, maker, BOND - PART);
        vm.expectEmit();
        emit IERC20.Transfer(address(manufacturers), maker, BOND - PART);
        vm.prank(STRANGER);
        manufacturers.withdrawBond(id);
        _eq("left", manufacturers.licenceOf(id).bond, 0);
        _eq("held", token.balanceOf(address(manufacturers)), 0);
    }

    function test_a_bond_is_withdrawn_once() public {
        uint256 id = _active();
        uint256 other = _active();
        manufacturers.revoke(id, "");
        vm.warp(START + 180 days);
        manufacturers.withdrawBond(id);
        vm.expectRevert(abi.encodeWithSelector(I.BondAmountInvalid.selector, id, 1, 0));
        manufacturers.withdrawBond(id);
        _eq("held", token.balanceOf(address(manufacturers)), BOND);
        _eq("other", manufacturers.licenceOf(other).bond, BOND);
    }

    function test_the_bond_of_a_licence_that_runs_is_locked() public {
        uint256 id = _active();
        vm.expectRevert(abi.encodeWithSelector(I.BondLocked.selector, id, 0));
        manufacturers.withdrawBond(id);
    }

    function _granted() private returns (uint256) {
        return manufacturers.grant(maker, "Acme", BOND, 10, abi.encodePacked(maker));
    }

    function _active() private returns (uint256 id) {
        id = _granted();
        vm.prank(maker);
        manufacturers.postBond(id);
    }
}
